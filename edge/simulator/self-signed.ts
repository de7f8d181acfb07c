import { createHash, generateKeyPairSync, sign } from "node:crypto"

/** A key and a certificate of the machine's own, as miners make them: X.509 v1, ECDSA, for no name that anybody checks. */
export type SelfSigned = { key: string; cert: string }

let made: SelfSigned | null = null

/** One for the whole farm, made at the first need. */
export function selfSigned(): SelfSigned {
  made ??= make("miner")
  return made
}

function make(commonName: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
  const publicDer = publicKey.export({ type: "spki", format: "der" })
  const algorithm = sequence(ECDSA_WITH_SHA256)
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(commonName)))))
  const validity = sequence(utcTime("200101000000Z"), utcTime("491231235959Z"))
  const body = sequence(tlv(0x02, serialOf(publicDer)), algorithm, name, validity, name, publicDer)
  const signature = sign("sha256", body, privateKey)
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = der.toString("base64").match(/.{1,64}/g)!
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  }
}

/** A positive number in as few bytes as DER asks for: the first is neither negative nor zero. */
export function serialOf(publicDer: Buffer): Buffer {
  const serial = createHash("sha256").update(publicDer).digest().subarray(0, 8)
  serial[0] = (serial[0]! & 0x7f) | 0x40
  return serial
}

/** Object identifiers 1.2.840.10045.4.3.2 and 2.5.4.3. */
const ECDSA_WITH_SHA256 = Buffer.from("06082a8648ce3d040302", "hex")
const COMMON_NAME = Buffer.from("0603550403", "hex")

const sequence = (...parts: Buffer[]) => tlv(0x30, Buffer.concat(parts))
const utcTime = (text: string) => tlv(0x17, Buffer.from(text))

/** Tag, length and value of ASN.1 DER. */
function tlv(tag: number, value: Buffer): Buffer {
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), value])
}
