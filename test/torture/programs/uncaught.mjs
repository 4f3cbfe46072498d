// @cases sync async callback
// @exit 1
// @stderr uncaught on purpose
// Ends by an error nobody catches: message and exit status must stay as they are.
const where = process.argv[3];
let x = 1;
for (let i = 0; i < 5e6; i++) x = (Math.imul(x, 69069) + 1) | 0;
console.log('uncaught', where, x);
const fail = () => {
  throw new Error('uncaught on purpose');
};
if (where === 'sync') [1].map(fail);
else if (where === 'async') await Promise.resolve().then(fail);
else setTimeout(fail, 2);
