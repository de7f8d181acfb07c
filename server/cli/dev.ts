import "./node-version.ts"
import { runAllInOne } from "./all-in-one.ts"

await runAllInOne({ dev: true })
