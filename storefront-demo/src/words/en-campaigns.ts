// What the shop says around group buys, bargains and blind boxes, in English.
import type {
  bargain as zhBargain,
  box as zhBox,
  group as zhGroup,
  inviting as zhInviting,
} from "./zh-campaigns";

export const inviting: typeof zhInviting = {
  invitation: "Invitation link",
  copy: "Copy link",
  copied: "Copied",
  share: "Share",
};

export const group: typeof zhGroup = {
  price: "Group price",
  of: (seats) => `Group of ${seats}`,
  rule: (seats, hours) =>
    `Paying is joining. Once ${seats} have paid within ${hours} hours, everybody gets theirs at once; if too few do, all the money goes back by itself.`,
  start: "Start a group",
  startTitle: "Start your own group",
  join: "Join",
  joinThis: "Pay and join",
  open: "Open groups",
  none: "Nobody has begun yet. Start a group and invite others.",
  joined: (joined, seats) => `${joined} of ${seats} have joined`,
  wanted: (count) => (count === 1 ? "1 more wanted" : `${count} more wanted`),
  closesIn: "Closes in",
  title: "Group",
  states: { OPEN: "Filling", FULL: "Full", SETTLED: "Full", LAPSED: "Not filled" },
  says: {
    OPEN: "This page follows as others pay.",
    FULL: "All are here; the benefits are on their way.",
    SETTLED: "All are here, and everybody has theirs.",
    LAPSED: "Too few joined. Whatever was paid goes back in full, by itself.",
  },
  filling: (until) => `Paid. The group is still filling, until ${until}; your benefits come once it is full.`,
  held: "The places left are being paid for. One that is not paid becomes free again.",
  members: "Members",
  opener: "Opened it",
  me: "You",
  named: (masked) => (/^\*+$/.test(masked) ? "A customer" : masked),
  empty: "Free place",
  inviting: "Invite others",
  another: "See other groups",
  mine: "You are in this group.",
  see: "See how the group fills",
};

export const bargain: typeof zhBargain = {
  title: "Bargain",
  floor: "Down to",
  now: "Price now",
  downTo: (floor) => `Down to ${floor}`,
  rule: (helpers, hours) =>
    `Open a bargain and invite friends: each who helps takes something off, and with ${helpers} of them within ${hours} hours it is at its lowest price.`,
  anyTime: "You may buy at the price of the moment whenever you like.",
  onlyAtFloor: "It can be bought once it is there.",
  signIn: "Sign in to start",
  start: "Start a bargain",
  goOn: (price) => `Go on with yours, at ${price} now`,
  states: { OPEN: "Open", HELD: "Being paid for", BOUGHT: "Bought", LAPSED: "Over" },
  says: {
    OPEN: "This page follows as others help.",
    HELD: "Its owner has an order to pay; the price holds for it.",
    BOUGHT: "Its owner has bought it at this price.",
    LAPSED: "Its time is over.",
  },
  helped: (count, of) => `${count} of ${of} have helped`,
  each: (least, most) => `Each takes off ${least} to ${most}`,
  closesIn: "Closes in",
  inviting: "Invite friends to help",
  help: "Help, and take some off",
  hasHelped: "You have helped",
  took: (amount) => `Thank you: you took ${amount} off.`,
  signInToHelp: "Sign in to help",
  buy: "Buy at this price",
  atFloor: "Not yet at its lowest price",
  own: "Start one of your own",
};

export const box: typeof zhBox = {
  price: "Each box",
  odds: "What may be in it",
  prize: "Prize",
  chance: "Chance",
  many: "How many",
  endless: "Unlimited",
  guarantee: (after, prizes) =>
    `Guarantee: after ${after} draws without ${prizes}, the next draw is one of these.`,
  exhausted: (prize) => `A prize that has run out is replaced by “${prize}”; that was fixed before the sale.`,
  or: " or ",
  seed: "Your part in the draw",
  seedHint:
    "Made at random by your browser; change it to any letters and digits you like. The shop could not know it before.",
  seedWrong: "1 to 64 letters, digits or signs, without spaces.",
  another: "Another one",
  ofAgeNeeded: "Please confirm your age first.",
  buy: "Open a box",
  draws: (count) => (count === 1 ? "You may open 1 more" : `You may open ${count} more`),
  used: "You have opened all you may",
  fair: "Fair, and to be checked",
  fairText: (moment) =>
    `Before the sale the shop published a fingerprint of its secret and of the odds; neither can be changed since. The secret is shown when the campaign is over (at the latest ${moment}), and then anybody can compute every draw again.`,
  commitment: "Commitment (SHA-256)",
  oddsHash: "Hash of the odds (SHA-256)",
  since: (moment) => `Published ${moment}`,
  news: "Just drawn",
  noNews: "Nobody has opened one yet.",
  drew: (who, what) => `${who} drew ${what}`,
  results: "What was in it",
  replaced: (key) => `It fell on “${key}”, which had run out; by the rules this takes its place.`,
  proof: "The proof",
  nonce: "Number of the draw",
  pity: "Draws since a guaranteed prize",
  who: "Who drew",
  secret: "Secret",
  hidden: "Not shown yet",
  verify: "Check the draw",
  holds: (count) =>
    count === 1
      ? "It holds: the draw is what was committed to before the sale, computed by your own browser."
      : `It holds: all ${count} draws are what was committed to before the sale, computed by your own browser.`,
  wrong: (number) =>
    `It does not hold: box ${number} is not what was committed to before the sale. Please tell us.`,
  later: (moment) =>
    `The secret is not shown yet. You can check once the campaign is over, at the latest ${moment}.`,
  over: "The campaign is over and its secret is shown soon. Try again in a few minutes.",
  unable: "This browser cannot compute it. Open the page by https.",
};
