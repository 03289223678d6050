export { ApiError, type FieldProblem } from './api_error.js';
export type {
  BusinessMetrics,
  BusinessPage,
  BusinessPatch,
  BusinessQuery,
  DashboardApi,
  NewBusiness,
  SignedIn,
} from './api.js';
export { createDashboardClient } from './client.js';
export type { DashboardClient, DashboardClientOptions } from './dashboard_client.js';
export type { GetToken } from './session.js';
export type { Clock, Surroundings } from './surroundings.js';
export type { Carrier, SocketOptions, Transport, TransportListener } from './transport.js';
export type * from './types.js';
