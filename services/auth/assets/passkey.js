/* Passkeys: asks this page's server what to sign, lets the browser sign it, and sends the form. */
(() => {
  const form = document.querySelector('form[data-passkey]');
  const library = window.SimpleWebAuthnBrowser;
  if (!form || !library) return;
  const status = document.querySelector('[data-status]');
  const button = form.querySelector('button');
  const isNew = form.dataset.passkey === 'new';

  const say = (text) => {
    if (!status) return;
    status.textContent = text;
    status.classList.add('fault');
  };

  if (!library.browserSupportsWebAuthn()) {
    form.hidden = true;
    return;
  }
  form.hidden = false;

  const askServer = async () => {
    const answer = await fetch(form.dataset.options, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrf: form.elements.csrf.value }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  form.addEventListener('submit', async (event) => {
    if (form.elements.response.value !== '') return;
    event.preventDefault();
    button.disabled = true;
    try {
      const optionsJSON = await askServer();
      const start = isNew ? library.startRegistration : library.startAuthentication;
      form.elements.response.value = JSON.stringify(await start({ optionsJSON }));
      form.submit();
    } catch (error) {
      button.disabled = false;
      const isStopped = error && (error.name === 'NotAllowedError' || error.name === 'AbortError');
      const isKnown = error && error.name === 'InvalidStateError';
      if (isKnown) say('This device has a passkey for this account already.');
      else if (isStopped) say('No passkey was used. Try again, or choose another way.');
      else say('The passkey could not be asked for. Try again, or choose another way.');
    }
  });
})();
