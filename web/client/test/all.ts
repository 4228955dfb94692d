import './chat.test.js';
import './rest.test.js';
import { run } from './harness.js';

void run().then((results) => {
  (globalThis as { clientResults?: unknown }).clientResults = results;
});
