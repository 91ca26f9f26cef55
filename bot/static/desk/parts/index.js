// Every part of the desk; each registers what it adds by `extend`.
