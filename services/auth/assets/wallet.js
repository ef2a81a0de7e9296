/* Wallets: asks the wallet for its address, the server for the message, the wallet to sign it. */
(() => {
  const form = document.querySelector('form[data-wallet]');
  if (!form) return;
  const status = document.querySelector('[data-status]');
  const button = form.querySelector('button');

  const say = (text) => {
    if (!status) return;
    status.textContent = text;
    status.classList.add('fault');
  };

  form.hidden = false;

  const hexOf = (text) =>
    `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

  const askServer = async (address, chainId) => {
    const answer = await fetch(form.dataset.message, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrf: form.elements.csrf.value, address, chainId }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const sign = async (wallet) => {
    const [address] = await wallet.request({ method: 'eth_requestAccounts' });
    const chainId = String(Number(await wallet.request({ method: 'eth_chainId' })));
    const { nonce, message } = await askServer(address, chainId);
    const params = [hexOf(message), address];
    const signature = await wallet.request({ method: 'personal_sign', params });
    form.elements.nonce.value = nonce;
    form.elements.signature.value = signature;
    form.submit();
  };

  form.addEventListener('submit', async (event) => {
    if (form.elements.signature.value !== '') return;
    event.preventDefault();
    const wallet = window.ethereum;
    if (!wallet) {
      say('No Ethereum wallet was found in this browser. Install one, or choose another way.');
      return;
    }
    button.disabled = true;
    try {
      await sign(wallet);
    } catch (error) {
      button.disabled = false;
      const isRefused = error && error.code === 4001;
      if (isRefused) say('The wallet did not sign. Try again, or choose another way.');
      else say('The wallet could not be asked. Try again, or choose another way.');
    }
  });
})();
