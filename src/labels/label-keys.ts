/** The keys of the labels that hotspan itself puts on samples. Declared here only. */
export const labelKeys = {
  /** 32 hex digits. */
  traceId: 'trace_id',
  /** 16 hex digits: the innermost span that was active. */
  spanId: 'span_id',
  /** 16 hex digits: the first span of the trace in this process. */
  localRootSpanId: 'local_root_span_id',
  /** `GET /users/:id`: method and route of the request that the local root stands for. */
  endpoint: 'endpoint',
} as const;
