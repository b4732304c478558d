"use strict";
// Each command is a button that puts itself on the clipboard.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.textContent);
  } catch {
    // A page opened from a file may not be allowed to: select the text, so that one key press copies it.
    getSelection().selectAllChildren(button);
    return;
  }
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
});
