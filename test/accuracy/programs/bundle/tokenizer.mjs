export class Tokenizer {
  #position = 1;

  readTokens(count) {
    let position = this.#position;
    for (let token = 0; token < count; token++) position = (Math.imul(position, 22695477) + 1) | 0; // @burn readTokens
    this.#position = position | 1;
    return position;
  }
}
