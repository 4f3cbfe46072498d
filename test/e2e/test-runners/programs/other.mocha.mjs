import { burn } from './burn.mjs';

describe('other', () => it('burns', () => void burn(50)));
