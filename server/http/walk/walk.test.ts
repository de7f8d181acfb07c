import { describe } from "vitest"
import { useCompany } from "./test/company.ts"
import { walkActions } from "./test/walk-actions.ts"
import { walkRoutes } from "./test/walk-routes.ts"

/** Everything that answers, asked by everybody, for his own things and for foreign ones. One web process, one database. */
describe("the public surface", () => {
  const company = useCompany()
  walkRoutes(company)
  walkActions(company)
})
