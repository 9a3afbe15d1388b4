// Programs that check a signature: the same in three languages. Tests run the one that they can.

export type Language = 'python' | 'javascript' | 'php';

export const SAMPLES: Record<Language, string> = {
  python: `import base64, hashlib, hmac, time

def is_from_dabir(secret: str, headers, body: bytes) -> bool:
    sent_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{sent_id}.{sent_at}.".encode() + body
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # For a day after the secret was changed there are two.
    theirs = (one.partition(",")[2] for one in headers["webhook-signature"].split())
    return any(hmac.compare_digest(mine, one) for one in theirs)
`,
  javascript: `import { createHmac, timingSafeEqual } from 'node:crypto';

export function isFromDabir(secret, headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers;
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mine = createHmac('sha256', key).update(\`\${id}.\${at}.\`).update(body).digest();
  // For a day after the secret was changed there are two.
  const theirs = signatures.split(' ').map((one) => Buffer.from(one.split(',')[1] ?? '', 'base64'));
  return theirs.some((one) => one.length === mine.length && timingSafeEqual(one, mine));
}
`,
  php: `<?php
function is_from_dabir(string $secret, array $headers, string $body): bool {
    ['webhook-id' => $id, 'webhook-timestamp' => $at, 'webhook-signature' => $signatures] = $headers;
    if (abs(time() - (int) $at) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $mine = base64_encode(hash_hmac('sha256', "$id.$at.$body", $key, true));
    // For a day after the secret was changed there are two.
    foreach (explode(' ', $signatures) as $one) {
        if (hash_equals($mine, explode(',', $one, 2)[1] ?? '')) {
            return true;
        }
    }
    return false;
}
`,
};
