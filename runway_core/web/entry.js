// Asks the route that its own element names, with the code that it holds, and shows the page anew.
(() => {
  const own = document.currentScript;
  const { path, code, to } = own.dataset;
  fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(code ? { code } : {}),
    cache: "no-store",
  })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(await answer.text());
      if (to) location.replace(to);
      else location.reload();
    })
    .catch((fault) => own.insertAdjacentText("afterend", fault.message));
})();
