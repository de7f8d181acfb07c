import { Link } from "@remix-run/react"
import { UNKNOWN } from "#app/lib/format.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import { Tag } from "#app/ui/badge.tsx"
import { Definitions } from "#app/ui/definitions.tsx"
import { Ago } from "#app/ui/time.tsx"
import type { readMiner } from "#server/fleet/read-miner.ts"

type Facts = Pick<Awaited<ReturnType<typeof readMiner>>, "miner" | "site" | "owner">

/** What the machine is, where it stands and whose it is. Clients are not told of the collector. */
export function MinerIdentity({ facts, seesCollectors }: { facts: Facts; seesCollectors: boolean }) {
  const { miner, site, owner } = facts
  const t = useT()
  const firmware = [miner.firmware, miner.firmwareVersion].filter(Boolean).join(" ")
  return (
    <Definitions
      items={[
        {
          term: t("miner.minerId"),
          value: <span className="break-all font-mono text-xs">{miner.minerId}</span>,
        },
        {
          term: t("miner.address"),
          value: <span className="font-mono text-xs">{miner.ipAddress ?? UNKNOWN}</span>,
        },
        { term: t("miner.mac"), value: <span className="font-mono text-xs">{miner.mac ?? UNKNOWN}</span> },
        {
          term: t("miner.serial"),
          value: <span className="font-mono text-xs">{miner.serial ?? UNKNOWN}</span>,
        },
        { term: t("miner.makeModel"), value: [miner.make, miner.model].filter(Boolean).join(" ") || UNKNOWN },
        { term: t("miner.firmware"), value: firmware || UNKNOWN },
        {
          term: t("miner.site"),
          value: (
            <Link to={`/sites/${site.slug}`} className="link">
              {site.name}
            </Link>
          ),
        },
        ...(miner.device
          ? [
              {
                term: t("miner.collector"),
                value: seesCollectors ? (
                  <Link to={`/collectors/${miner.device.id}`} className="link">
                    {miner.device.name}
                  </Link>
                ) : (
                  miner.device.name
                ),
              },
            ]
          : []),
        { term: t("miner.place"), value: miner.place ?? UNKNOWN },
        {
          term: t("miner.tags"),
          value:
            miner.tags.length > 0 ? (
              <span className="flex flex-wrap gap-1">
                {miner.tags.map((tag) => (
                  <Link key={tag} to={`/miners?tag=${encodeURIComponent(tag)}`}>
                    <Tag>{tag}</Tag>
                  </Link>
                ))}
              </span>
            ) : (
              UNKNOWN
            ),
        },
        {
          term: t("miner.owner"),
          value: owner ? (
            <>
              {owner.name}
              {miner.ownedFrom ? (
                <span className="text-muted">
                  {" "}
                  {t("miner.ownedFrom")} <Ago at={miner.ownedFrom} zone={site.timezone} />
                </span>
              ) : null}
            </>
          ) : (
            t("miner.nobody")
          ),
        },
        { term: t("miner.firstSeen"), value: <Ago at={miner.firstSeenAt} zone={site.timezone} /> },
        ...(miner.notes
          ? [{ term: t("miner.notes"), value: <span className="whitespace-pre-line">{miner.notes}</span> }]
          : []),
      ]}
    />
  )
}
