// Stands in for hotspan/register: at exit writes a profile of one function, named by FAKE_FUNCTION,
// with one sample of 10 ms. FAKE_FILE=broken writes half a file instead.
const { writeFileSync } = require('node:fs');
const { gzipSync } = require('node:zlib');
const { Function, Line, Location, Profile, Sample, StringTable, ValueType } = require('pprof-format');

process.on('exit', () => {
  const strings = new StringTable();
  const type = (name, unit) => new ValueType({ type: strings.dedup(name), unit: strings.dedup(unit) });
  const profile = new Profile({
    stringTable: strings,
    sampleType: [type('samples', 'count'), type('cpu', 'nanoseconds'), type('wall', 'nanoseconds')],
    defaultSampleType: strings.dedup('cpu'),
    function: [new Function({ id: 1, name: strings.dedup(process.env.FAKE_FUNCTION ?? 'work'), filename: strings.dedup('app.js') })],
    location: [new Location({ id: 1, line: [new Line({ functionId: 1, line: 3 })] })],
    sample: [new Sample({ locationId: [1], value: [1, 10_000_000, 12_000_000] })],
  });
  const bytes = gzipSync(profile.encode());
  const half = process.env.FAKE_FILE === 'broken';
  writeFileSync(`${process.env.HOTSPAN_RUN_DIR}/cpu-${process.pid}.pb.gz`, half ? bytes.subarray(0, bytes.length / 2) : bytes);
});
