// Sign-in: the session call answers with the cookie, then the desk opens (a writer’s leads on to the studio). The page's words come from the server.

const form = document.querySelector(".login-form");
const problem = document.getElementById("login-error");
const button = form.querySelector("button");

/** Where to go after sign-in: only a path of the desk or the studio, never an address from outside. */
function destination() {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  return (/^\/(?:desk|studio)(?:[/?#]|$)/.test(next) ? next : "/desk") + location.hash;
}

function show(text) {
  problem.textContent = text;
  problem.hidden = !text;
  if (text) problem.focus();
}

async function sentence(response) {
  const body = await response.json().catch(() => null);
  if (body?.error?.message) return body.error.message;
  return response.status === 429 ? form.dataset.throttled : form.dataset.wrong;
}

form.dataset.ready = "";
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  show("");
  button.disabled = true;
  try {
    const response = await fetch("/api/v1/desk/session", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": document.documentElement.lang },
      body: JSON.stringify({ email: form.elements.email.value.trim(), password: form.elements.password.value }),
    });
    if (response.ok) location.assign(destination());
    else show(response.status >= 500 ? form.dataset.unreachable : await sentence(response));
  } catch {
    show(form.dataset.unreachable);
  } finally {
    button.disabled = false;
  }
});
