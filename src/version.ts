// The toolkit's own version, from the one place that states it.
import manifest from "../package.json" with { type: "json" };

export const VERSION = manifest.version;
/** What the toolkit is written for; older ones lack what it uses. */
export const BUN_AT_LEAST = "1.4.0";
