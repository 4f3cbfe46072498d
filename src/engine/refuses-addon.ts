/** Whether the environment asks for the inspector engine: then nothing native is loaded, not even to look. */
export function refusesAddon(): boolean {
  return (process.env['HOTSPAN_ENGINE'] ?? '').trim().toLowerCase() === 'inspector';
}
