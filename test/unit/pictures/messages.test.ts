import {
  formatSlackMessage,
  formatTeamsMessage,
  formatTextMessage,
  type ReportMessage,
} from '../../../src/pictures/report-messages';

const message = (name: string, findings = 3): ReportMessage => ({
  title: `Report of ${name}`,
  summary: `3 of 4 are through, ${name} is not.`,
  facts: [
    { label: 'machines', value: 4 },
    { label: 'first', value: name },
  ],
  findings: Array.from({ length: findings }, (_, index) => `${name} ${index + 1} failed`),
});

const HOSTILE = [
  '<!channel>',
  '<https://evil.example|click>',
  '[click](https://evil.example)',
  '*bold* _it_ `code`',
  '\u202egpj.exe\u0000',
  'a&b',
  'x'.repeat(5000),
];

describe('a message for Slack', () => {
  it('has a text for notifications, a header, figures and findings', () => {
    expect(formatSlackMessage(message('Wave 1'))).toEqual({
      text: 'Report of Wave 1: 3 of 4 are through, Wave 1 is not.',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'Report of Wave 1' } },
        { type: 'section', text: { type: 'mrkdwn', text: '3 of 4 are through, Wave 1 is not.' } },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*machines*\n4' },
            { type: 'mrkdwn', text: '*first*\nWave 1' },
          ],
        },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '• Wave 1 1 failed\n• Wave 1 2 failed\n• Wave 1 3 failed' },
        },
      ],
    });
  });

  it.each(HOSTILE)('mentions nobody and links nowhere, whatever a name says: %j', (name) => {
    const { text, blocks } = formatSlackMessage(message(name, 500)) as { text: string; blocks: object[] };
    for (const block of blocks) {
      const { text: own, fields = [] } = block as { text?: { text: string }; fields?: { text: string }[] };
      for (const { text: words } of [...(own === undefined ? [] : [own]), ...fields]) {
        expect(words.length).toBeLessThanOrEqual(3000);
      }
    }
    expect(blocks.length).toBeLessThanOrEqual(50);
    const header = blocks[0] as { text: { text: string } };
    expect(header.text.text.length).toBeLessThanOrEqual(150);
    expect([text, ...blocks.slice(1).map((block) => JSON.stringify(block))].join('')).not.toMatch(/[<>]/u);
  });
});

describe('a message for Teams', () => {
  const bodyOf = (name: string, findings = 3) =>
    (
      formatTeamsMessage(message(name, findings)) as {
        attachments: [{ content: { body: Array<{ text?: string }> } }];
      }
    ).attachments[0].content.body;

  it('is an adaptive card', () => {
    expect(formatTeamsMessage(message('Wave 1'))).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', version: '1.4' },
        },
      ],
    });
    expect(bodyOf('Wave 1').map(({ text }) => text)).toEqual([
      'Report of Wave 1',
      '3 of 4 are through, Wave 1 is not.',
      undefined,
      '• Wave 1 1 failed',
      '• Wave 1 2 failed',
      '• Wave 1 3 failed',
    ]);
  });

  it.each(HOSTILE)('links nowhere and stays below 28 KB, whatever a name says: %j', (name) => {
    const body = JSON.stringify(bodyOf(name, 500));
    expect(Buffer.byteLength(body)).toBeLessThan(28 * 1024);
    expect(JSON.stringify(bodyOf(name))).not.toMatch(/(?<!\\\\)\]\((?:https)/u);
  });
});

test('a text has every finding on a line of its own', () => {
  expect(formatTextMessage(message('web-01', 2))).toBe(
    'Report of web-01\n\n3 of 4 are through, web-01 is not.\n\nmachines: 4\nfirst: web-01\n\n- web-01 1 failed\n- web-01 2 failed',
  );
});
