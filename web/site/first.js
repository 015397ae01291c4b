// Runs before anything is fetched, in any browser there is: hence its plain old language.
var glassnet = (function () {
  var words = {{words}};
  var asked = /[?&]lang=(en|zh)\b/.exec(location.search);
  var lang = asked ? asked[1] : /^zh/i.test(navigator.language || "") ? "zh" : "en";
  var say = words[lang];
  function by(id) { return document.getElementById(id); }
  function fill(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  function fail(why, detail) {
    by("start-failed").textContent = fill(say[why], { detail: detail || "" });
    by("start-failed").hidden = by("start-retry").hidden = false;
    by("start-retry").hidden = why === "old";
    by("start-bar").hidden = by("start-now").hidden = by("start-later").hidden = why !== "slow";
    by("start").hidden = false;
  }
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  by("start-title").textContent = document.title = say.title;
  by("start-what").textContent = say.what;
  by("start-later").textContent = say.later;
  by("start-retry").textContent = say.retry;
  by("start-retry").onclick = function () { location.reload(); };
  // A folder's slash after a lesson's name would lead every address astray.
  if (/[^/]\/(?:{{lessons}})\/$/.test(location.pathname) || /^\/(?:{{lessons}})\/$/.test(location.pathname)) {
    location.replace(location.pathname.slice(0, -1) + location.search);
  }
  var able = typeof WebAssembly === "object" && typeof Worker === "function" &&
    typeof DecompressionStream === "function" && typeof TransformStream === "function" &&
    "noModule" in document.createElement("script");
  if (!able) fail("old");
  return { able: able, say: say, fill: fill, fail: fail, by: by };
})();
