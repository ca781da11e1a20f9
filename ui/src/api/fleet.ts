// Workers, queues and tasks of the Celery installation behind the broker. The only file that knows these addresses.
import { api, value } from "./client";
import type { Page, Queue, Worker } from "./schema";

export const fleetPage = 100;

export const listWorkers = (page: number, signal?: AbortSignal): Promise<Page<Worker>> =>
  api.GET("/api/workers/", { params: { query: { page, page_size: fleetPage } }, signal }).then(value);

export const getWorker = (name: string, signal?: AbortSignal) =>
  api.GET("/api/workers/{name}/", { params: { path: { name } }, signal }).then(value);

export const listQueues = (page: number, signal?: AbortSignal): Promise<Page<Queue>> =>
  api.GET("/api/queues/", { params: { query: { page, page_size: fleetPage } }, signal }).then(value);

export const listMessages = (name: string, limit: number, signal?: AbortSignal) =>
  api.GET("/api/queues/{name}/messages/", { params: { path: { name }, query: { limit } }, signal }).then(value);

export const listTasks = (search: string, signal?: AbortSignal) =>
  api.GET("/api/tasks/", { params: { query: { search: search || undefined, page_size: 50 } }, signal }).then(value);

// Celery's remote control; for superusers. The answer says what each worker replied, and who kept silent.
export const ping = (name: string) => api.POST("/api/workers/{name}/ping/", { params: { path: { name } } }).then(value);
export const growPool = (name: string, n: number) =>
  api.POST("/api/workers/{name}/pool_grow/", { params: { path: { name } }, body: { n } }).then(value);
export const shrinkPool = (name: string, n: number) =>
  api.POST("/api/workers/{name}/pool_shrink/", { params: { path: { name } }, body: { n } }).then(value);
export const addConsumer = (name: string, queue: string) =>
  api.POST("/api/workers/{name}/add_consumer/", { params: { path: { name } }, body: { queue } }).then(value);
export const cancelConsumer = (name: string, queue: string) =>
  api.POST("/api/workers/{name}/cancel_consumer/", { params: { path: { name } }, body: { queue } }).then(value);
export const limitRate = (name: string, task_name: string, rate_limit: string) =>
  api.POST("/api/workers/{name}/rate_limit/", { params: { path: { name } }, body: { task_name, rate_limit } }).then(value);
export const shutDown = (name: string) => api.POST("/api/workers/{name}/shutdown/", { params: { path: { name } } }).then(value);
export const revoke = (task_id: string, terminate: boolean) =>
  api.POST("/api/workers/revoke/", { body: { task_id, terminate, signal: "SIGTERM" } }).then(value);
