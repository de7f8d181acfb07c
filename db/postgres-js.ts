import { readFileSync } from "node:fs"
import { createRequire, Module } from "node:module"
import { dirname, join } from "node:path"

/**
 * postgres.js, mended while it is loaded; everything that opens a connection imports it from here.
 *
 * When PostgreSQL dies under a transaction, 3.4.9 (1) writes to the socket it has just forgotten, outside of any
 * promise, which ends the process, and (2) sends what the transaction's function still says over the connection after
 * that has reconnected for somebody else, outside of any transaction: half a batch could be stored. Here a lost
 * connection refuses writes, and a transaction whose connection was lost refuses statements. The version is pinned;
 * a test kills the server under transactions, and loading fails if a line to mend is not there.
 */
type Mend = [find: string, put: string]

const CONNECTION: Mend[] = [
  [
    "    socket.removeAllListeners()\n    socket = null\n",
    "    socket.removeAllListeners()\n    socket = lostSocket\n    nextWriteTimer = chunk = null\n",
  ],
  [
    "socket || (socket = await createSocket())",
    "socket && socket !== lostSocket || (socket = await createSocket())",
  ],
  [
    "  function execute(q) {\n",
    "  function execute(q) {\n    if (socket === lostSocket)\n      return (queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true)\n\n",
  ],
]
const LOST_SOCKET = `
const lostSocket = {
  readyState: 'closed',
  write(x, fn) { typeof fn === 'function' && process.nextTick(fn, Object.assign(new Error('CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })); return true },
  end() {}, destroy() {}, pause() {}, resume() {}, once() {}, removeListener() {}, removeAllListeners() {},
}
`
const INDEX: Mend[] = [
  [
    "      , connection\n      , prepare = null\n",
    "      , connection\n      , prepare = null\n      , mine\n",
  ],
  [
    "        q.catch(e => uncaughtError || (uncaughtError = e))\n        c.queue === full",
    "        q.catch(e => uncaughtError || (uncaughtError = e))\n        if (c.reserved !== mine)\n          return q.reject(Errors.connection('CONNECTION_CLOSED', options))\n\n        c.queue === full",
  ],
  [
    "      c.reserved = () => queries.length\n        ? c.execute(queries.shift())\n        : move(c, reserved)\n    }\n  }\n\n  function move",
    "      mine = c.reserved = () => queries.length\n        ? c.execute(queries.shift())\n        : move(c, reserved)\n    }\n  }\n\n  function move",
  ],
]

function mended(file: string, source: string, mends: Mend[]): string {
  return mends.reduce((text, [find, put]) => {
    if (text.split(find).length !== 2)
      throw new Error(
        `postgres.js is not the version that Lamproom mends (${file}). Install the pinned one: npm ci`,
      )
    return text.replace(find, () => put)
  }, source)
}

const require = createRequire(import.meta.url)
/** The package's CommonJS build: a copy beside the modules that drizzle imports for itself. */
const ENTRY = require.resolve("postgres")

/** Compiles a file of the package with its mends and puts it where `require` finds it. */
function loadMended(file: string, mends: Mend[], appendix = ""): unknown {
  const module = new Module(file) as Module & { _compile: (source: string, file: string) => void }
  module.filename = file
  require.cache[file] = module
  module._compile(mended(file, readFileSync(file, "utf8").replaceAll("\r\n", "\n"), mends) + appendix, file)
  module.loaded = true
  return module.exports
}

loadMended(join(dirname(ENTRY), "connection.js"), CONNECTION, LOST_SOCKET)
const postgres = loadMended(ENTRY, INDEX) as typeof import("postgres")

export default postgres
