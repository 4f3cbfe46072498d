// To be preloaded, with HOTSPAN_TEST_ADDON: native code that handles SIGURG before hotspan looks for a signal.
'use strict';
const { constants } = require('node:os');
const { createRequire } = require('node:module');

createRequire(__filename)(process.env.HOTSPAN_TEST_ADDON).handle(constants.signals.SIGURG);
