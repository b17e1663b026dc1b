// Computing a draw again in the reader's browser, by what the API's `Draw` and `DrawSeed` say of themselves. Imports nothing: whoever
// doubts us reads this one file.

/** What a draw was made from, as the API tells it. */
export interface Told {
  drawn: string;
  given: string;
  clientSeed: string;
  who: string;
  nonce: number;
  pity: number;
  seed: { commitment: string; oddsHash: string; odds: string; seed?: string | null };
}

/** `fault` says which of the steps does not hold. */
export type Verdict =
  | { holds: true; fell: string }
  | { holds: false; fault: "odds" | "commitment" | "who" | "prize" | "given" | "unreadable" };

interface Odds {
  prizes: { key: string; weight: number; quantity: number | null }[];
  exhausted: string;
  guarantee: { after: number; among: string[] } | null;
}

/** Null while the seed is not shown. The ids are those of the campaign and of whoever owns the order. */
export async function verify(draw: Told, campaignId: string, ownerId: string): Promise<Verdict | null> {
  if (draw.seed.seed == null) return null;
  try {
    return await computed(draw, draw.seed.seed, campaignId, ownerId);
  } catch {
    return { holds: false, fault: "unreadable" };
  }
}

async function computed(draw: Told, secret: string, campaignId: string, ownerId: string): Promise<Verdict> {
  const text = new TextEncoder();
  const { odds: written, oddsHash, commitment } = draw.seed;
  if ((await sha256(text.encode(written))) !== oddsHash) return { holds: false, fault: "odds" };
  const seed = bytes(secret);
  const promised = await sha256(joined(text.encode("perkhub draw 1"), seed, bytes(oddsHash)));
  if (promised !== commitment) return { holds: false, fault: "commitment" };
  const who = (await sha256(joined(bytes(digits(campaignId)), bytes(digits(ownerId))))).slice(0, 24);
  if (who !== draw.who) return { holds: false, fault: "who" };
  const odds = JSON.parse(written) as Odds;
  const fell = await fallsOn(odds, seed, `${draw.clientSeed}:${who}:${draw.nonce}:${draw.pity}`, draw.pity);
  if (fell !== draw.drawn) return { holds: false, fault: "prize" };
  // Only what is counted runs out. Whether it had by then, the whole log says: `perkhub verify-draw`.
  const endless = odds.prizes.some(({ key, quantity }) => key === fell && quantity === null);
  const replaced = draw.given !== fell;
  if (replaced && (endless || draw.given !== odds.exhausted)) return { holds: false, fault: "given" };
  return { holds: true, fell };
}

async function fallsOn(odds: Odds, seed: Bytes, message: string, pity: number): Promise<string | undefined> {
  const { guarantee } = odds;
  const kept = guarantee !== null && pity >= guarantee.after ? guarantee.among : null;
  const candidates = odds.prizes.filter(({ key }) => kept?.includes(key) ?? true);
  let at = await numberBelow(
    candidates.reduce((whole, { weight }) => whole + BigInt(weight), 0n),
    seed,
    message,
  );
  for (const { key, weight } of candidates) {
    if (at < BigInt(weight)) return key;
    at -= BigInt(weight);
  }
  return undefined;
}

/** An even number below `whole`: what lies above the last whole multiple is passed over, so that no prize is favoured. */
async function numberBelow(whole: bigint, seed: Bytes, message: string): Promise<bigint> {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const fair = 2n ** 64n - (2n ** 64n % whole);
  for (let block = 0; ; block += 1) {
    const told = new TextEncoder().encode(block === 0 ? message : `${message}:${block}`);
    const digest = new DataView(await crypto.subtle.sign("HMAC", key, told));
    for (let start = 0; start < 32; start += 8) {
      const number = digest.getBigUint64(start);
      if (number < fair) return number % whole;
    }
  }
}

type Bytes = Uint8Array<ArrayBuffer>;

async function sha256(told: Bytes): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", told)));
}

function digits(id: string): string {
  return id.slice(id.lastIndexOf("_") + 1);
}

function bytes(told: string): Bytes {
  if (!/^(?:[0-9a-f]{2})+$/.test(told)) throw new Error("not hex");
  return Uint8Array.from(told.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hex(told: Uint8Array): string {
  return Array.from(told, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function joined(...parts: Bytes[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
