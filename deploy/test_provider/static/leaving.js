// The page has loaded when every frame in it has: all services have been told.
window.addEventListener("load", () => location.replace(document.getElementById("onward").href));
