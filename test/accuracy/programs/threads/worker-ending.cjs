'use strict';
const { later, topLevel } = require('./ending-burn.cjs');

topLevel(); // @burn topLevel
later();
