/** Why an engine cannot run in this process, in one line. */
export class EngineError extends Error {
  readonly code = 'HOTSPAN_ERR_ENGINE_UNAVAILABLE';
  override readonly name = 'EngineError';
}
