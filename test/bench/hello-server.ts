// What `startup.ts` and `calls.ts` compare with; over HTTP it is another file, so that this one loads nothing of that.
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { hello } from './hello-tool';

serveStdio(hello);
