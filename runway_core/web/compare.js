// Keeps the videos of the player in front of it in step: one clock for all, and whoever leaves it is brought back.
(() => {
  const player = document.currentScript.previousElementSibling;
  const films = [...player.querySelectorAll("video")];
  const part = (name) => player.querySelector(`[data-do="${name}"]`);
  const [play, slider, time] = [part("play"), part("seek"), part("time")];
  if (!play) return;
  const FRAME = 1 / 24;
  const SLIGHT = 0.04; // seconds apart that an eye does not see: one frame
  const FAR = 0.3; // more than this is not caught up with by playing faster
  const playWord = play.textContent;
  let at = 0; // where all of them are, in seconds
  let since = 0; // when `at` was true, on the browser's clock
  let playing = false;

  const length = () => Math.max(0, ...films.map((film) => film.duration || 0));
  const place = (film) => Math.min(at, Math.max(0, (film.duration || 0) - 0.001));
  const ended = (film) => at >= (film.duration || 0);
  const late = (film) => !ended(film) && (film.seeking || film.readyState < 3);

  const tell = () => {
    const whole = length();
    slider.disabled = !whole;
    slider.max = whole || 1;
    slider.value = at;
    const told = [at.toFixed(1), whole.toFixed(1)];
    time.textContent = `${told[0]} / ${told[1]} s`;
    slider.setAttribute(
      "aria-valuetext",
      player.dataset.time.replace("{at}", told[0]).replace("{length}", told[1]),
    );
    const word = playing ? play.dataset.pressed : playWord;
    if (play.textContent !== word) play.textContent = word;
  };

  const halt = () => {
    for (const film of films) film.pause();
  };

  const seek = (to) => {
    at = Math.min(Math.max(0, to), length());
    since = performance.now();
    for (const film of films) film.currentTime = place(film);
    tell();
  };

  const keep = (film) => {
    if (ended(film)) {
      film.pause();
      return;
    }
    if (film.paused) film.play().catch(() => {});
    const off = film.currentTime - at;
    if (Math.abs(off) > FAR) film.currentTime = place(film);
    film.playbackRate = Math.abs(off) > SLIGHT ? 1 - Math.sign(off) * 0.1 : 1;
  };

  const step = (now) => {
    if (!player.isConnected) return halt(); // the page shows something else
    if (!playing) return;
    if (films.some(late)) {
      halt(); // nobody runs ahead of one that is still loading
    } else {
      at += Math.min((now - since) / 1000, 0.25); // a tab that was hidden goes on where it was
      for (const film of films) keep(film);
      if (at >= length()) {
        at = length();
        playing = false;
        halt();
      }
    }
    since = now;
    tell();
    requestAnimationFrame(step);
  };

  const toggle = () => {
    playing = !playing && length() > 0;
    if (!playing) {
      halt();
      seek(at); // all on the same frame, to be looked at
      return;
    }
    if (at >= length()) seek(0);
    since = performance.now();
    tell();
    requestAnimationFrame(step);
  };

  play.addEventListener("click", toggle);
  part("back").addEventListener("click", () => seek(0));
  part("earlier").addEventListener("click", () => seek(at - FRAME));
  part("later").addEventListener("click", () => seek(at + FRAME));
  slider.addEventListener("input", () => seek(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -FRAME, ArrowDown: -FRAME, ArrowRight: FRAME, ArrowUp: FRAME };
    const by = { ...steps, PageDown: -1, PageUp: 1 }[event.key];
    if (event.key === " ") toggle();
    else if (by) seek(at + by);
    else return;
    event.preventDefault();
  });
  part("sound").addEventListener("change", (event) => {
    films.forEach((film, number) => {
      film.muted = event.target.value !== String(number);
    });
  });
  for (const film of films) {
    film.muted = true; // an attribute in markup that comes later is not looked at
    film.addEventListener("loadedmetadata", tell);
    film.addEventListener("click", toggle);
  }
  tell();
})();
