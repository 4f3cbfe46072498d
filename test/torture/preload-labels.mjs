// Labels for whatever program comes: everything runs in an async context, and every sample is asked about.
import { AsyncLocalStorage } from 'node:async_hooks';
import { addLabelProvider } from 'hotspan';

const storage = new AsyncLocalStorage();
let asked = 0;
addLabelProvider(() => ({ ...storage.getStore(), turn: asked++ % 50 }));
storage.enterWith({ context: 'torture' });
