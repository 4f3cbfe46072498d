exports.half = (x) => x / 2;
