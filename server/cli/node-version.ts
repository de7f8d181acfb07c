/** First import of every entry point: a Node that is too old cannot read what follows, so say it in one line. */
const [major] = process.versions.node.split(".").map(Number)
if ((major ?? 0) < 24) {
  console.error(
    `Lamproom needs Node 24; this is ${process.versions.node}. Run it through npm (npm start, npm run …), which brings its own Node, or reinstall with npm install.`,
  )
  process.exit(1)
}
