// Sends four events by POST and four by GET: node node_tracker.cjs <collector's URL>
const { newTracker, buildPageView, buildPagePing, buildStructEvent, buildSelfDescribingEvent } = require("@snowplow/node-tracker");

const schema = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1";
for (const eventMethod of ["post", "get"]) {
  const tracker = newTracker(
    { namespace: eventMethod, appId: `node-${eventMethod}`, encodeBase64: eventMethod === "get" },
    { endpoint: process.argv[2], eventMethod, bufferSize: 4 },
  );
  const page = { pageUrl: "https://example.org/a?b=c", pageTitle: "ü ✓ &=%" };
  tracker.track(buildPageView(page));
  tracker.track(buildPagePing({ ...page, minXOffset: 0, maxXOffset: 1, minYOffset: 0, maxYOffset: 1 }));
  tracker.track(buildStructEvent({ category: "test", action: eventMethod, value: 1.5 }));
  tracker.track(buildSelfDescribingEvent({ event: { schema, data: { targetUrl: "https://example.org/" } } }));
}
