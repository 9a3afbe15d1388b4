// Where the stories find the product and leave their pictures.

import { fileURLToPath } from 'node:url';

const checkout = new URL('../../', import.meta.url);

/** A file of the checkout. */
export const inCheckout = (path) => fileURLToPath(new URL(path, checkout));

/** The executable under test. */
export const DABIR = process.env.DABIR_BIN ?? inCheckout('target/debug/dabir');

/** The browser; Debian's own unless told otherwise. */
export const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

/** Where pictures are kept for people to look at. */
export const PICTURES = process.env.DABIR_PICTURES ?? inCheckout('.cache/screenshots/stories');
