// Who the host page says the customer is: a short-lived JWT that its server signs. The widget reads the subject only to
// notice that somebody else signed in; whether the token is genuine is for the service to say.

function subjectOf(token) {
  const payload = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  return String(JSON.parse(atob(payload)).sub);
}

/** {token, subject} of a signed-in customer, null when signed out, undefined when the page does not say. */
export async function askIdentity(url) {
  if (!url) return undefined;
  try {
    const response = await fetch(url, { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(8000) });
    if (response.status === 204) return null;
    if (!response.ok) return undefined;
    const { identity } = await response.json();
    return identity ? { token: identity, subject: subjectOf(identity) } : null;
  } catch {
    return undefined;
  }
}
