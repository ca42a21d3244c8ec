// The arguments come from here and from nowhere else: what Swift offers for them reads /proc, which a
// preloaded library can change.

#include <fcntl.h>

extern void weir_command(int count, char *const *words);

// Where a standard descriptor is closed, the next file that is opened would take its number, and what is meant for the
// terminal would go into it. Standard input becomes one that can't be read, and the others ones that can't be written,
// so that programs still say that their output was lost.
static void open_standard_descriptors(void) {
  for (int number = 0; number < 3; number++) {
    if (fcntl(number, F_GETFD) >= 0) continue;
    if (open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY) != number) return;
  }
}

int main(int argc, char *const *argv) {
  open_standard_descriptors();
  // Never returns: it ends the process.
  weir_command(argc, argv);
  return 1;
}
