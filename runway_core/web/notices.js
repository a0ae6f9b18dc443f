// Tells of videos that are done while nobody looks: in the tab's title, and by a tone and a notification of the
// browser for whoever has asked for them. What to tell is written on the element in front of it.
(() => {
  const own = document.currentScript;
  const { done, empty, sound, browser, title, body, ask, blocked } = JSON.parse(own.previousElementSibling.dataset.told);
  const away = () => document.hidden || !document.hasFocus();

  const counter = (window.deskCounter ??= (() => {
    const made = { missed: 0 };
    made.show = () => {
      const bare = document.title.replace(/^\(\d+\) /, "");
      const wanted = made.missed ? `(${made.missed}) ${bare}` : bare;
      if (document.title !== wanted) document.title = wanted;
    };
    const back = () => {
      if (away()) return;
      made.missed = 0;
      made.show();
    };
    document.addEventListener("visibilitychange", back);
    window.addEventListener("focus", back);
    // The page names itself anew with each run.
    const watch = { childList: true, characterData: true, subtree: true };
    new MutationObserver(made.show).observe(document.head, watch);
    return made;
  })());

  const play = () => {
    const audio = new AudioContext();
    const volume = new GainNode(audio, { gain: 0.06 });
    volume.connect(audio.destination);
    [660, 880].forEach((frequency, place) => {
      const note = new OscillatorNode(audio, { frequency });
      note.connect(volume);
      note.start(audio.currentTime + place * 0.16);
      note.stop(audio.currentTime + place * 0.16 + 0.14);
      if (place) note.onended = () => audio.close();
    });
  };

  const notify = () => {
    if (!("Notification" in window) || Notification.permission !== "granted" || !away()) return;
    try {
      const shown = new Notification(title, { body, tag: "runway-desk" });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Browsers on phones have them for installed apps alone.
    }
  };

  const permit = async () => {
    const given = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (given !== "granted") own.insertAdjacentText("afterend", blocked);
  };

  if (done && away()) counter.missed += done;
  counter.show();
  if (sound && (empty || !done)) play();
  if (browser && empty) notify();
  if (ask) permit();
})();
