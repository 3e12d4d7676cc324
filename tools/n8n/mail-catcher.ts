// A local mail server that delivers nothing and shows received mails on its own web page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTool } from '../install.mjs';
import { findFreePort, startGuardedProcess } from '../servers/guarded-process';

const START_MS = 180_000;

/** A received mail. */
export interface CaughtMail {
  readonly subject: string;
  readonly to: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly string[];
}

export interface MailCatcher {
  /** Address of the page with the mails. */
  readonly url: string;
  /** Fields of n8n's SMTP credential. */
  readonly credential: Readonly<Record<string, unknown>>;
  /** Mails so far, oldest first. */
  fetchMails(): Promise<CaughtMail[]>;
  stop(): Promise<void>;
}

interface MailRow {
  readonly subject?: string;
  readonly envelope?: { readonly to?: readonly { readonly address?: string }[] };
  readonly text?: string;
  readonly html?: string | false;
  readonly attachments?:
    readonly { readonly fileName?: string; readonly generatedFileName?: string }[] | null;
}

/** Folder of MailDev, installed when it is not there yet. */
export const installMailCatcher = (): Promise<string> =>
  installTool('mail', 'a mail server that delivers nothing (once, 110 MB)');

/** Starts MailDev on loopback, on free ports. It keeps mails in memory and a temporary folder. */
export async function startMailCatcher(): Promise<MailCatcher> {
  const installed = await installMailCatcher();
  const [smtp, web] = [await findFreePort(), await findFreePort()];
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-mail-'));
  const url = `http://127.0.0.1:${web}`;
  const server = startGuardedProcess({
    name: 'mail',
    command: [
      process.execPath,
      join(installed, 'node_modules/maildev/dist/bin/maildev.js'),
      ...['--ip', '127.0.0.1', '--smtp', String(smtp)],
      ...['--web-ip', '127.0.0.1', '--web', String(web)],
      ...['--mail-directory', folder],
    ],
    folder,
    env: process.env,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await server.waitUntilReady(async () => (await fetch(`${url}/api/healthz`)).ok, START_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    credential: {
      host: '127.0.0.1',
      port: smtp,
      secure: false,
      disableStartTls: true,
      user: '',
      password: '',
    },
    async fetchMails() {
      const rows = (await (await fetch(`${url}/api/email`)).json()) as readonly MailRow[];
      return rows.map(({ subject = '', envelope, text = '', html, attachments }) => ({
        subject,
        to: (envelope?.to ?? []).map(({ address = '' }) => address).join(', '),
        text,
        html: html || '',
        attachments: (attachments ?? []).map(
          ({ fileName, generatedFileName }) => fileName ?? generatedFileName ?? '',
        ),
      }));
    },
    stop,
  };
}
