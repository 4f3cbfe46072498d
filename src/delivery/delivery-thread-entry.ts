import { workerData } from 'node:worker_threads';
import { nameOwnThread } from '../profile/name-own-thread.ts';
import type { DeliveryThreadData } from './delivery-thread-messages.ts';
import { DeliveryService } from './delivery-service.ts';

// Runs in the thread of DeliveryThread.
nameOwnThread();
const { port, ...config } = workerData as DeliveryThreadData;
new DeliveryService(config, port);
