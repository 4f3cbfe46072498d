// Says that it runs without anything that the test may have broken, and ends with a code of its own.
process.exitCode = 7;
process.stdout.write('the app runs\n');
