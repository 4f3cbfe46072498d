// Knows nothing of hotspan.
import { burnHere } from './burn.cjs';

burnHere(250);
console.log('done');
