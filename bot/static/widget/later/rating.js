// How it went: five faces, and a word if one likes.
import { drawing, h } from "../dom.js";
import { prepare } from "./parts.js";

/** The question in `place`, or the thanks for an answer given before. */
export async function fillRating(view, place, message) {
  const say = await prepare(view);
  const thank = () => place.replaceChildren(h("p", { role: "status" }, say("rating_thanks")));
  if (view.conversation.answered(message.id) !== undefined) return thank();
  const comment = h("textarea", { rows: 2, maxLength: 1000, aria: { label: say("rating_comment") }, placeholder: say("rating_comment") });
  const more = h("div", { class: "rating-more", hidden: true }, comment, h("button", { type: "submit", class: "solid" }, say("rating_send")));
  const unfold = () => {
    more.hidden = false;
    // With its margin: a button on the very edge looks cut off.
    place.scrollIntoView({ block: "nearest" });
  };
  const scores = [1, 2, 3, 4, 5].map((score) => {
    const input = h("input", { type: "radio", name: `rating-${message.id}`, value: String(score), on: { change: unfold } });
    return h("label", { class: "score", title: say(`rating_${score}`) }, input, face(score), h("span", { class: "unseen" }, say(`rating_${score}`)));
  });
  const send = (event) => {
    event.preventDefault();
    const score = Number(form.querySelector("input:checked").value);
    view.attempt(async () => {
      await view.conversation.rate(message.id, score, comment.value.trim());
      thank();
    }, more);
  };
  const legend = h("legend", {}, say("rating"));
  const form = h("form", { on: { submit: send } }, h("fieldset", {}, legend, h("div", { class: "scores" }, ...scores)), more);
  place.append(form);
  view.toEnd();
}

// A face whose mouth bends with `score`, 1 to 5.
function face(score) {
  const joy = score - 3;
  const mouth = `M8 ${15.5 - joy * 0.6}Q12 ${15.5 + joy * 2.2} 16 ${15.5 - joy * 0.6}`;
  return drawing(["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M9 9.500v.6M15 9.500v.6", mouth], 30);
}
