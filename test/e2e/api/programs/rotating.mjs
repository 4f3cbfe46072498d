// Burns across several periods and never calls the API.
const endMs = performance.now() + 2600;
(function burnABit() {
  const untilMs = performance.now() + 20;
  while (performance.now() < untilMs);
  if (performance.now() < endMs) setTimeout(burnABit, 5);
})();
