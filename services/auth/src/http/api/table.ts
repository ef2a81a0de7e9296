import { ADMIN_ROUTES } from './admin-table.ts';
import { APP_ROUTES } from './app-table.ts';
import { BILLING_ROUTES } from './billing-table.ts';
import { CHECK_ROUTES } from './check-table.ts';
import { PEOPLE_ROUTES } from './people-table.ts';
import type { ApiRoute } from './route.ts';
import { TEAM_ROUTES } from './team-table.ts';
import { USER_ROUTES } from './user-table.ts';

/** Every route of the API: who may, what it takes and gives, what answers. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...ADMIN_ROUTES,
  ...PEOPLE_ROUTES,
  ...APP_ROUTES,
  ...USER_ROUTES,
  ...BILLING_ROUTES,
  ...TEAM_ROUTES,
  ...CHECK_ROUTES,
];
