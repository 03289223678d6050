// Made by `npm run types` from docs/openapi.json and docs/asyncapi.yaml.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Connect: {
            /** @description An access token. Not needed with the cookie */
            token?: string;
            /** @description The private id of the session to be recovered; the client sends it by itself */
            pid?: string;
            /** @description The offset of the last event received; the client sends it by itself */
            offset?: string;
        };
        Connected: {
            /** @description The id of the socket */
            sid: string;
            /** @description What the session is recovered by, where recovery is on */
            pid?: string;
        };
        ConnectError: {
            /** @enum {unknown} */
            message: "Authentication token required" | "Invalid authentication token" | "Insufficient permissions" | "Invalid namespace";
        };
        KpiUpdate: {
            kpis: components["schemas"]["Kpis"];
            timestamp: components["schemas"]["Timestamp"];
            version: components["schemas"]["Version"];
        };
        BusinessChange: {
            business: components["schemas"]["Business"];
            timestamp: components["schemas"]["Timestamp"];
            version: components["schemas"]["Version"];
        };
        BusinessDeleted: {
            /** Format: uuid */
            businessId: string;
            timestamp: components["schemas"]["Timestamp"];
            version: components["schemas"]["Version"];
        };
        MetricsUpdated: {
            /** Format: uuid */
            businessId: string;
            metrics: components["schemas"]["Metrics"];
            timestamp: components["schemas"]["Timestamp"];
            version: components["schemas"]["Version"];
        };
        /** @description As GET /api/dashboard/tenant, with its version */
        State: {
            kpis: components["schemas"]["Kpis"];
            /** @description The newest 20, newest first */
            businesses: components["schemas"]["Business"][];
            /** @description How many businesses there are */
            total: number;
            timestamp: components["schemas"]["Timestamp"];
            version: components["schemas"]["Version"];
        };
        AuthExpiring: {
            expiresAt: components["schemas"]["Timestamp"];
            timestamp: components["schemas"]["Timestamp"];
        };
        AuthRefresh: {
            /** @description A new access token of the same tenant. Not needed with a session, whose cookies are renewed first */
            token?: string | null;
        };
        AuthRefreshed: {
            /** @constant */
            success: true;
            expiresAt: components["schemas"]["Timestamp"];
        };
        AuthRefused: {
            /** @constant */
            success: false;
            error: {
                /**
                 * @description No token and no session, or no string; expired or badly signed, or its session has ended; of another user; another answer is still awaited; the database is out of reach
                 * @enum {unknown}
                 */
                code: "VALIDATION_ERROR" | "UNAUTHORIZED" | "FORBIDDEN" | "RATE_LIMITED" | "UNAVAILABLE";
                message: string;
            };
        };
        /** @description Only grows for a user, whichever node sends it and across restarts; drop what is older than what is shown. Each `business:*` has its own, a state carries that of what it shows */
        Version: number;
        /**
         * Format: date-time
         * @description UTC with milliseconds
         */
        Timestamp: string;
        Kpis: {
            activeBusinesses: number;
            /** @description Messages ÷ invites × 100, one decimal */
            responseRate: number;
            landlordViews: number;
            messagesTotal: number;
        };
        Business: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            user_id: string;
            name: string;
            logo_url: string | null;
            category: string;
            status: components["schemas"]["BusinessStatus"];
            is_verified: boolean;
            stealth_mode_enabled: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @enum {string} */
        BusinessStatus: "active" | "pending_verification" | "stealth_mode";
        Metrics: {
            views_count: number;
            clicks_count: number;
            property_invites_count: number;
            declined_count: number;
            messages_count: number;
            qfps_submitted_count: number;
        };
        FieldError: {
            field: string;
            /** @description What was expected */
            message: string;
        };
        NewBusiness: {
            /** @description 1 to 255 characters once trimmed, without control characters */
            name: string;
            /** @description 1 to 100 characters once trimmed, without control characters */
            category: string;
            /**
             * Format: uri
             * @description An http or https URL
             */
            logo_url?: string | null;
            status?: components["schemas"]["BusinessStatus"];
        };
        BusinessPatch: {
            /** @description 1 to 255 characters once trimmed, without control characters */
            name?: string;
            /** @description 1 to 100 characters once trimmed, without control characters */
            category?: string;
            /**
             * Format: uri
             * @description An http or https URL
             */
            logo_url?: string | null;
            status?: components["schemas"]["BusinessStatus"];
            stealth_mode_enabled?: boolean;
        };
        Dashboard: {
            kpis: components["schemas"]["Kpis"];
            businesses: components["schemas"]["Business"][];
            total: number;
        };
        BusinessPage: {
            businesses: components["schemas"]["Business"][];
            total: number;
            page: number;
            limit: number;
            hasMore: boolean;
        };
        BusinessMetrics: {
            totals: components["schemas"]["Metrics"];
            history: {
                /** Format: date */
                date: string;
                views_count: number;
                clicks_count: number;
                property_invites_count: number;
                declined_count: number;
                messages_count: number;
                qfps_submitted_count: number;
            }[];
        };
        TrendSums: {
            views: number;
            clicks: number;
            invites: number;
            declined: number;
            messages: number;
            qfps: number;
        };
        TrendDay: {
            /** Format: date */
            date: string;
            views: number;
            clicks: number;
            invites: number;
            declined: number;
            messages: number;
            qfps: number;
        };
        Trends: {
            days: components["schemas"]["TrendDay"][];
            previous: components["schemas"]["TrendSums"];
            current: components["schemas"]["TrendSums"];
        };
        /** @enum {string} */
        ActivityType: "view" | "click" | "invite" | "decline" | "message" | "qfp";
        ActivityEvent: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            businessId: string;
            type: components["schemas"]["ActivityType"];
            /** @default 1 */
            count: number;
            /**
             * Format: date-time
             * @description ISO 8601 with any offset; now by default
             */
            occurredAt?: string;
        };
        /** @description Members other than `events` are ignored */
        ActivityBatch: {
            /**
             * @example [
             *       {
             *         "id": "5b0c3d2e-6a51-4a0c-9f0e-3a1d2c4b5e6f",
             *         "businessId": "6f1c1f5e-6f0c-4a55-9a1e-0d6f0a2b3c4d",
             *         "type": "view",
             *         "count": 3
             *       }
             *     ]
             */
            events: unknown[];
        } & {
            [key: string]: unknown;
        };
        ActivityResult: {
            accepted: number;
            duplicates: number;
            rejected: {
                index: number;
                /** @enum {string} */
                code: "VALIDATION_ERROR" | "NOT_FOUND";
                message: string;
            }[];
        };
        Credentials: {
            email: string;
            password: string;
        };
        /** @enum {string} */
        Role: "tenant" | "landlord" | "broker" | "service";
        User: {
            /** Format: uuid */
            id: string;
            email: string;
            role: components["schemas"]["Role"];
        };
        SignedIn: {
            user: components["schemas"]["User"];
            /**
             * Format: date-time
             * @description When the access token ends
             */
            expiresAt: string;
        };
        ReadinessCheck: {
            name: string;
            ok: boolean;
            ms: number;
            error?: string;
        };
        Readiness: {
            /** @constant */
            status: "ready";
            checks: components["schemas"]["ReadinessCheck"][];
        };
        ServerEventMap: {
            "kpi:update": components["schemas"]["KpiUpdate"];
            "business:created": components["schemas"]["BusinessChange"];
            "business:updated": components["schemas"]["BusinessChange"];
            "business:deleted": components["schemas"]["BusinessDeleted"];
            "metrics:updated": components["schemas"]["MetricsUpdated"];
            reconnected: components["schemas"]["State"];
            "auth:expiring": components["schemas"]["AuthExpiring"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
