"use strict";
// Runs before textual.js looks at the page: the WebSocket is the one of the server that gave the page out.
document.addEventListener("DOMContentLoaded", () => {
  const terminal = document.getElementById("terminal");
  const secure = location.protocol === "https:";
  terminal.dataset.sessionWebsocketUrl = `${secure ? "wss" : "ws"}://${location.host}/ws`;
  const size = parseInt(new URLSearchParams(location.search).get("fontsize"), 10);
  if (size >= 6 && size <= 40) terminal.dataset.fontSize = String(size);
  document.getElementById("again").addEventListener("click", () => location.reload());
});
