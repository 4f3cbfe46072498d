/** Name of the worker threads that are ours: they are not the app's, so they are not profiled. */
export const ownWorkerName = 'hotspan background';
