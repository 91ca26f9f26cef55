// What calls the advisor back to the desk: a sound and the system's notifications. Both can be turned off, and stay so.

import { h, icon } from "./dom.js";
import { DeskElement } from "./element.js";
import { label, t } from "./i18n.js";
import { remember, remembered } from "./memory.js";
import { customerName } from "./parts.js";

const SOUND_KEY = "relais.desk.sound";
const NOTES = { offered: [660, 880], incoming: [740] };
const NOTE_S = 0.14;

/** A bell in the top bar; `store` events `offered` and `incoming` ring it, `ring` (detail: {title, text, tag}) too. */
class DeskNotices extends DeskElement {
  #audio = null;

  render() {
    this.button = h("button", { class: "icon-button", type: "button", on: { click: () => this.#toggle() } });
    this.replaceChildren(this.button);
    this.listen(this.store, "offered", ({ detail }) => detail.forEach((item) => this.#ring("offered", t("notice.offered", { name: customerName(item) }), label("reason", item.reason), item)));
    this.listen(this.store, "incoming", ({ detail }) => this.#onMessage(detail.item));
    this.listen(this.store, "ring", ({ detail }) => this.#ring("incoming", detail.title, detail.text, detail.item));
    this.#dress();
  }

  get #on() {
    return remembered(SOUND_KEY, true);
  }

  async #toggle() {
    const on = !this.#on;
    remember(SOUND_KEY, on);
    this.#dress();
    if (!on) return;
    this.#sound("incoming");
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }

  #dress() {
    const name = t(this.#on ? "notice.off" : "notice.on");
    this.button.setAttribute("aria-label", name);
    this.button.title = name;
    this.button.replaceChildren(icon(this.#on ? "bell" : "bellOff"));
  }

  /** A message in the conversation one is looking at needs no bell. */
  #onMessage(item) {
    const looking = !document.hidden && this.store.selected?.handoff_id === item.handoff_id;
    // The system keeps what a notification shows: the customer's words stay out of it.
    if (!looking) this.#ring("incoming", t("notice.message", { name: customerName(item) }), "", item);
  }

  #ring(kind, title, text, item) {
    if (!this.#on) return;
    this.#sound(kind);
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    const note = new Notification(title, { body: text, tag: item?.handoff_id ?? kind, icon: "/static/desk/favicon.svg", silent: true });
    note.addEventListener("click", () => {
      window.focus();
      if (item) location.hash = `#/handoffs/${encodeURIComponent(item.handoff_id)}`;
      note.close();
    });
  }

  #sound(kind) {
    try {
      this.#audio ??= new AudioContext();
      // Browsers keep a page silent until it has been touched: the sound is lost then, not the notice.
      if (this.#audio.state === "suspended") this.#audio.resume().catch(() => {});
      NOTES[kind].forEach((pitch, index) => play(this.#audio, pitch, this.#audio.currentTime + index * NOTE_S));
    } catch {
      // No audio device: what the page shows is enough.
    }
  }
}

function play(audio, pitch, at) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.08, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + NOTE_S);
}

customElements.define("desk-notices", DeskNotices);
