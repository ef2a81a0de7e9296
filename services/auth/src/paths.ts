/** Path of the issuer; clients derive the rest of the API from its origin. */
export const ISSUER_PATH = '/api/v1/oidc';
/** Path of the API, and of the audience of management tokens. */
export const API_PATH = '/api/v1';
