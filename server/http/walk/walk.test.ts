import { describe } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { useCompany } from "./test/company.ts"
import { walkActions } from "./test/walk-actions.ts"
import { walkApi } from "./test/walk-api.ts"
import { walkProcedures } from "./test/walk-procedures.ts"
import { walkRoutes } from "./test/walk-routes.ts"
import { walkStatusPage } from "./test/walk-status-page.ts"

/** Everything that answers, asked by everybody, for his own things and for foreign ones. One web process, one database. */
describe("the public surface", () => {
  const company = useCompany(useDatabase({ max: 6 }))
  walkRoutes(company)
  // Before the forms, which change what the page shows.
  walkStatusPage(company)
  walkActions(company)
  walkApi(company)
  walkProcedures(company)
})
