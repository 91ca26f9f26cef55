// Files that wait to leave, kept by the browser beside the words that wait. A browser that refuses keeps them for the page only.

const NAME = "relais";
const FILES = "files";

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(FILES);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function run(mode, act) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const work = base.transaction(FILES, mode);
      const asked = act(work.objectStore(FILES));
      work.oncomplete = () => resolve(asked.result);
      work.onerror = work.onabort = () => reject(work.error);
    });
  } finally {
    base.close();
  }
}

export const put = (key, file) => run("readwrite", (files) => files.put(file, key));
export const take = (key) => run("readonly", (files) => files.get(key));
export const drop = (key) => run("readwrite", (files) => files.delete(key));
