import { later, topLevel } from './ending-burn.cjs';

topLevel(); // @burn topLevel
later();
