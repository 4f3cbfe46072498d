'use strict';
const hotspan = require('hotspan');
void require('./tracers.cjs')(hotspan, process.argv[2]);
